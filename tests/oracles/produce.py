"""Produces messages with confluent-kafka: a client that is not ours.

    produce.py --brokers HOST:PORT [--set key=value ...] < messages.jsonl

One JSON object a line: {topic, partition?, timestamp?, key?, headers?, value? | value_base64?}. `timestamp` is epoch milliseconds
(CreateTime), `headers` an object or a list of pairs, a null or missing value a tombstone, `key_base64` a key that is not
text. Prints, for each message in the order of the input, {"topic", "partition", "offset"}; ends with 1 if one was not taken.
"""

import argparse
import base64
import json
import sys

from confluent_kafka import KafkaException, Producer


def body(message, name):
    if message.get(f"{name}_base64") is not None:
        return base64.b64decode(message[f"{name}_base64"])
    text = message.get(name)
    return None if text is None else text.encode()


def headers(message):
    held = message.get("headers") or []
    pairs = held.items() if isinstance(held, dict) else held
    return [(name, None if value is None else str(value).encode()) for name, value in pairs]


class Deliveries:
    """What the broker said about each message, in the order of the input."""

    def __init__(self):
        self.placed = {}
        self.refused = []

    def callback(self, index):
        def delivered(error, message):
            if error is not None:
                self.refused.append(f"message {index}: {error}")
            else:
                self.placed[index] = {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()}

        return delivered


def send(producer, message, callback):
    fields = {"key": body(message, "key"), "value": body(message, "value"), "headers": headers(message)}
    if message.get("partition") is not None:
        fields["partition"] = message["partition"]
    if message.get("timestamp") is not None:
        fields["timestamp"] = message["timestamp"]
    while True:
        try:
            producer.produce(message["topic"], on_delivery=callback, **fields)
            return
        except BufferError:
            producer.poll(0.5)


def main():
    arguments = argparse.ArgumentParser(description="Produce JSON lines with confluent-kafka.")
    arguments.add_argument("--brokers", required=True)
    arguments.add_argument("--set", action="append", default=[])
    given = arguments.parse_args()

    settings = {"bootstrap.servers": given.brokers, "enable.idempotence": True, "linger.ms": 5, "log_level": 3, "message.max.bytes": 10_000_000}
    settings.update(pair.split("=", 1) for pair in given.set)
    producer = Producer(settings)
    deliveries = Deliveries()
    count = 0
    for line in sys.stdin.buffer:
        if line.strip():
            send(producer, json.loads(line), deliveries.callback(count))
            producer.poll(0)
            count += 1
    left = producer.flush(60)
    for index in range(count):
        if index in deliveries.placed:
            print(json.dumps(deliveries.placed[index], ensure_ascii=False))
    for refusal in deliveries.refused:
        print(refusal, file=sys.stderr)
    if left or deliveries.refused:
        raise SystemExit(f"{left + len(deliveries.refused)} of {count} messages were not taken by {given.brokers}")


if __name__ == "__main__":
    try:
        main()
    except KafkaException as error:
        raise SystemExit(str(error)) from error

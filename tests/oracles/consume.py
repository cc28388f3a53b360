"""Prints every message of a topic, in partition and offset order, with confluent-kafka: a client that is not ours.

    consume.py --brokers HOST:PORT --topic TOPIC [--timeout SECONDS]

One JSON object a line: {topic, partition, offset, timestamp, timestamp_type, key, headers, value}; what is not UTF-8 comes as
key_base64 or value_base64. Reads from the start to the end as it stands when the script starts, commits nothing.
"""

import argparse
import base64
import json
import sys
import time

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, TopicPartition


def put_text(target, name, data):
    try:
        target[name] = None if data is None else data.decode()
    except UnicodeDecodeError:
        target[f"{name}_base64"] = base64.b64encode(data).decode()


def described(message):
    kind, milliseconds = message.timestamp()
    line = {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": milliseconds,
        "timestamp_type": "LogAppendTime" if kind == TIMESTAMP_LOG_APPEND_TIME else "CreateTime",
        "headers": [[name, None if value is None else value.decode(errors="backslashreplace")] for name, value in message.headers() or []],
    }
    put_text(line, "key", message.key())
    put_text(line, "value", message.value())
    return line


def ends_of(consumer, topic):
    """First and next offset of each partition that holds anything."""
    partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
    ends = {}
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=20)
        if high > low:
            ends[partition] = (low, high)
    return ends


def read(consumer, topic, timeout):
    ends = ends_of(consumer, topic)
    consumer.assign([TopicPartition(topic, partition, low) for partition, (low, _) in ends.items()])
    waiting = set(ends)
    deadline = time.monotonic() + timeout
    lines = []
    while waiting:
        if time.monotonic() > deadline:
            raise SystemExit(f"{topic}: partitions {sorted(waiting)} did not come to their end in {timeout} s")
        message = consumer.poll(0.5)
        if message is not None and message.error() is None and message.offset() < ends[message.partition()][1]:
            lines.append(described(message))
        # Markers of transactions and compacted offsets are positions without a message, so the position decides.
        for place in consumer.position([TopicPartition(topic, partition) for partition in waiting]):
            if place.offset >= ends[place.partition][1]:
                waiting.discard(place.partition)
    return sorted(lines, key=lambda line: (line["partition"], line["offset"]))


def main():
    arguments = argparse.ArgumentParser(description="Print all messages of a topic as JSON lines.")
    arguments.add_argument("--brokers", required=True)
    arguments.add_argument("--topic", required=True)
    arguments.add_argument("--timeout", type=float, default=60)
    given = arguments.parse_args()

    consumer = Consumer(
        {
            "bootstrap.servers": given.brokers,
            "group.id": "oracle",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "allow.auto.create.topics": False,
            "log_level": 3,
        }
    )
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        for line in read(consumer, given.topic, given.timeout):
            print(json.dumps(line, ensure_ascii=False))
    finally:
        consumer.close()


if __name__ == "__main__":
    main()

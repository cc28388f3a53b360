"""Produces records in the wire format of schema registries, with confluent-kafka's serialisers: clients that are not ours.

    serialise.py --brokers HOST:PORT --registry URL < records.jsonl

One JSON object a line: {topic, format, schema, record, partition?, timestamp?, key?, headers?, message?, schema_id?}.
`format` is avro, protobuf or json. `schema` of avro is its JSON; of protobuf {"name": FILE, "messages": [{"name", "fields":
[{"name", "number", "type", "optional"?}]}]}, `type` string, int32, int64, double, bool or timestamp (its value epoch
milliseconds), `message` the name of the one that is sent. The serialiser registers the schema under <topic>-value, as it does
by itself; with `schema_id` the message names that id instead, as of a producer that registered the schema in other words. Prints, for each record in the order of the input, {"topic",
"partition", "offset", "schema_id"}; ends with 1 if one was not taken.
"""

import argparse
import json
import sys

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

TYPES = {
    name: getattr(descriptor_pb2.FieldDescriptorProto, f"TYPE_{name.upper()}")
    for name in ("string", "int32", "int64", "double", "bool")
}
TIMESTAMP = "google/protobuf/timestamp.proto"


def add_field(message, field):
    made = message.field.add(name=field["name"], number=field["number"], label=1)
    if field["type"] == "timestamp":
        made.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
        made.type_name = ".google.protobuf.Timestamp"
    else:
        made.type = TYPES[field["type"]]
    if field.get("optional"):
        made.proto3_optional = True
        made.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field['name']}")


def message_class(schema, name):
    """A class as a generated module would have it; each schema has a pool of its own, so that two versions go together."""
    file = descriptor_pb2.FileDescriptorProto(name=schema["name"], syntax="proto3", dependency=[TIMESTAMP])
    for message in schema["messages"]:
        made = file.message_type.add(name=message["name"])
        for field in message["fields"]:
            add_field(made, field)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def filled(made, record):
    message = made()
    for name, value in record.items():
        if made.DESCRIPTOR.fields_by_name[name].message_type is None:
            setattr(message, name, value)
        else:
            stamp = getattr(message, name)
            stamp.seconds, stamp.nanos = value // 1000, value % 1000 * 1_000_000
    return message


class Serialisers:
    """One serialiser for each schema, as a producer keeps it."""

    def __init__(self, url):
        self.client = SchemaRegistryClient({"url": url})
        self.kept = {}

    def serialise(self, line):
        key = json.dumps([line["topic"], line["format"], line["schema"], line.get("message")])
        if key not in self.kept:
            self.kept[key] = getattr(self, line["format"])(line)
        value = self.kept[key](line["record"], SerializationContext(line["topic"], MessageField.VALUE))
        if line.get("schema_id") is None:
            return value
        return value[:1] + line["schema_id"].to_bytes(4, "big") + value[5:]

    def avro(self, line):
        return AvroSerializer(self.client, json.dumps(line["schema"]))

    def protobuf(self, line):
        made = message_class(line["schema"], line["message"])
        serialiser = ProtobufSerializer(made, self.client, {"use.deprecated.format": False})
        return lambda record, context: serialiser(filled(made, record), context)

    def json(self, line):
        return lambda record, context: json.dumps(record, ensure_ascii=False).encode()


def main():
    arguments = argparse.ArgumentParser(description="Produce records with the serialisers of confluent-kafka.")
    arguments.add_argument("--brokers", required=True)
    arguments.add_argument("--registry", required=True)
    given = arguments.parse_args()
    producer = Producer({"bootstrap.servers": given.brokers, "enable.idempotence": True, "log_level": 3})
    serialisers = Serialisers(given.registry)
    placed, refused, count = {}, [], 0

    def delivered(index, schema_id):
        def callback(error, message):
            if error is not None:
                refused.append(f"record {index}: {error}")
            else:
                place = {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()}
                placed[index] = place | {"schema_id": schema_id}

        return callback

    for text in sys.stdin:
        if not text.strip():
            continue
        line = json.loads(text)
        value = serialisers.serialise(line)
        schema_id = int.from_bytes(value[1:5], "big") if line["format"] != "json" else None
        headers = [(name, str(held).encode()) for name, held in (line.get("headers") or {}).items()]
        places = {name: line[name] for name in ("partition", "timestamp") if line.get(name) is not None}
        producer.produce(line["topic"], value=value, key=line.get("key"), headers=headers, on_delivery=delivered(count, schema_id), **places)
        count += 1
    producer.flush(60)
    for index in range(count):
        if index in placed:
            print(json.dumps(placed[index]))
    for why in refused:
        print(why, file=sys.stderr)
    return 0 if len(placed) == count else 1


if __name__ == "__main__":
    sys.exit(main())

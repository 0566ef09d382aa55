# SPDX-License-Identifier: Apache-2.0
"""Python stubs made from proto/ alone, as a stranger would make them."""

import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import types

import google
import grpc

from processes import ROOT

GOOGLEAPIS = os.environ.get(
    "PINHOLE_GOOGLEAPIS_DIR",
    "/usr/share/gocode/src/github.com/gogo/googleapis")


def generate(folder):
    """Generates into `folder` and returns the modules by short name."""
    ours = sorted((ROOT / "proto").rglob("*.proto"))
    google_protos = [pathlib.Path(GOOGLEAPIS) / name for name in (
        "google/rpc/status.proto", "google/rpc/error_details.proto")]
    subprocess.run(
        ["protoc", f"-I{ROOT / 'proto'}", f"-I{GOOGLEAPIS}",
         f"--plugin=protoc-gen-grpc_python={shutil.which('grpc_python_plugin')}",
         f"--python_out={folder}", f"--grpc_python_out={folder}",
         *ours, *google_protos], check=True)
    sys.path.insert(0, str(folder))
    # google.protobuf and grpc are installed elsewhere, as packages of the same
    # names.
    for package in (google, grpc):
        package.__path__.append(
            str(pathlib.Path(folder) / package.__name__))
    modules = types.SimpleNamespace()
    for name in ("user", "photo", "social", "admin"):
        for suffix in ("_service_pb2", "_service_pb2_grpc"):
            setattr(modules, name + suffix.replace("_service", ""),
                    importlib.import_module(f"pinhole.v1.{name}{suffix}"))
    modules.status = importlib.import_module("google.rpc.status_pb2")
    modules.reflection = {
        version: importlib.import_module(
            f"grpc.reflection.{version}.reflection_pb2")
        for version in ("v1", "v1alpha")}
    modules.details = importlib.import_module("google.rpc.error_details_pb2")
    return modules

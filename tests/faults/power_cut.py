# SPDX-License-Identifier: Apache-2.0
"""What a disk holds after a power cut, from the journal of what was done to it.

Durable is what was synced: bytes of a file after a sync of the file, an entry
of a folder (a new file, a rename, a removal) after a sync of the folder. Of all
else a cut leaves nothing, or any part of it: single writes kept or lost, the
last one torn at a sector, entries kept or lost. Stricter than most file systems
are: syncing a new file does not make its entry durable here. A rename is whole
or not there, and durable when either folder is synced. After a failed sync what
was not synced is lost for good, as on Linux, though readers still see it.
"""

import pathlib
import struct

HEADER = struct.Struct("<IIqQqII")
MAGIC = 0x4A4E4C50
SECTOR = 512
(CREATE, WRITE, TRUNCATE, SYNC_FILE, SYNC_FOLDER, MAKE_FOLDER, RENAME, UNLINK,
 REMOVE_FOLDER, SYNC_FAILED, FORGOTTEN, LINK) = range(1, 13)


class Record:
    def __init__(self, header, path, data):
        _, self.change, self.time, self.inode, self.offset, _, _ = header
        self.path = path.decode()
        self.data = data


def read_journal(path):
    """The records; a last one that a kill cut short is left out."""
    journal = pathlib.Path(path).read_bytes()
    records = []
    at = 0
    while at + HEADER.size <= len(journal):
        header = HEADER.unpack_from(journal, at)
        assert header[0] == MAGIC, f"damaged journal at {at}"
        path_end = at + HEADER.size + header[5]
        end = path_end + header[6]
        if end > len(journal):
            break
        records.append(Record(header, journal[at + HEADER.size:path_end],
                              journal[path_end:end]))
        at = end
    return records


def change_bytes(content, offset, data):
    """Writes `data` at `offset`, or, if that is None, cuts to `offset`."""
    if data is None:
        del content[offset:]
        data, offset = b"", max(offset, len(content))
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset:offset + len(data)] = data


class File:
    def __init__(self):
        self.seen = bytearray()     # What readers see.
        self.durable = bytearray()
        self.pending = []           # (offset, data), as `change_bytes`.

    def change(self, offset, data):
        change_bytes(self.seen, offset, data)
        self.pending.append((offset, data))

    def sync(self):
        for offset, data in self.pending:
            change_bytes(self.durable, offset, data)
        self.pending = []

    def after_cut(self, generator):
        content = bytearray(self.durable)
        if generator is None:
            return content
        for number, (offset, data) in enumerate(self.pending, 1):
            if generator.random() < 0.5:
                continue
            if data and number == len(self.pending):
                data = data[:generator.randrange(len(data) // SECTOR + 1)
                            * SECTOR]
            change_bytes(content, offset, data)
        return content


class Folder:
    def __init__(self):
        self.seen = {}
        self.durable = {}


class Disk:
    """The disk while the journal is replayed."""

    def __init__(self):
        self.root = Folder()
        self.files = {}    # By inode.
        self.entries = []  # Changes of folders not yet durable.

    def apply(self, record):
        change = record.change
        if change == CREATE:
            self.files[record.inode] = File()
            self._link(record.path, self.files[record.inode])
        elif change == WRITE:
            self.files[record.inode].change(record.offset, record.data)
        elif change == TRUNCATE:
            self.files[record.inode].change(record.offset, None)
        elif change == SYNC_FILE:
            self.files[record.inode].sync()
        elif change == SYNC_FOLDER:
            self._sync_folder(self._find(record.path.rstrip("/")))
        elif change == MAKE_FOLDER:
            self._link(record.path, Folder())
        elif change == LINK:
            folder, name = self._place(record.path)
            self._link(record.data.decode(), folder.seen[name])
        elif change == RENAME:
            self._rename(record.path, record.data.decode())
        elif change in (UNLINK, REMOVE_FOLDER):
            folder, name = self._place(record.path)
            if folder.seen.pop(name, None) is None:
                return  # A socket, which is bound: that is not recorded.
            self.entries.append([(folder, name, None)])
        elif change == SYNC_FAILED and record.inode in self.files:
            self.files[record.inode].pending = []

    def _find(self, path):
        folder = self.root
        for name in pathlib.PurePath(path).parts:
            folder = folder.seen[name]
        return folder

    def _place(self, path):
        pure = pathlib.PurePath(path)
        return self._find(pure.parent), pure.name

    def _link(self, path, node):
        folder, name = self._place(path)
        folder.seen[name] = node
        self.entries.append([(folder, name, node)])

    def _rename(self, path, to):
        folder, name = self._place(path)
        to_folder, to_name = self._place(to)
        node = folder.seen.pop(name)
        to_folder.seen[to_name] = node
        self.entries.append([(folder, name, None), (to_folder, to_name, node)])

    def _sync_folder(self, folder):
        rest = []
        for change in self.entries:
            if any(place is folder for place, _, _ in change):
                for place, name, node in change:
                    set_entry(place.durable, name, node)
            else:
                rest.append(change)
        self.entries = rest

    def rebuild(self, target, generator=None):
        """Makes the folder `target` what the disk is after a cut now; with a
        `generator` of random numbers, parts of what is not durable stay."""
        kept = {}
        for change in self.entries if generator else []:
            if generator.random() < 0.5:
                for folder, name, node in change:
                    entries = kept.setdefault(id(folder), dict(folder.durable))
                    set_entry(entries, name, node)
        self._write_folder(self.root, target, kept, generator)

    def _write_folder(self, folder, path, kept, generator):
        path.mkdir(mode=0o700)
        for name, node in kept.get(id(folder), folder.durable).items():
            if isinstance(node, Folder):
                self._write_folder(node, path / name, kept, generator)
            else:
                (path / name).touch(0o600)
                (path / name).write_bytes(node.after_cut(generator))

    def mistakes(self, root):
        """Where the replayed disk differs from the real one: what the library
        does not see would make every finding worthless."""
        expected = dict(self._walk(self.root, pathlib.PurePath()))
        real = {path.relative_to(root): path for path in root.rglob("*")
                if path.is_file() and not path.name.endswith("-shm")}
        for name in expected.keys() ^ real.keys():
            yield f"{name} is only in one of both"
        for name in expected.keys() & real.keys():
            if real[name].read_bytes() != expected[name].seen:
                yield f"{name} differs"

    def _walk(self, folder, path):
        for name, node in folder.seen.items():
            if isinstance(node, Folder):
                yield from self._walk(node, path / name)
            else:
                yield path / name, node


def set_entry(entries, name, node):
    if node is None:
        entries.pop(name, None)
    else:
        entries[name] = node

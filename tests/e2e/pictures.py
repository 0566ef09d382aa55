# SPDX-License-Identifier: Apache-2.0
"""What the tests need to know of picture files, read from their bytes."""


def jpeg_size(data):
    """(width, height) of a JPEG; fails for anything else."""
    assert data[:2] == b"\xff\xd8", f"not a JPEG: {data[:16]!r}"
    assert data[-2:] == b"\xff\xd9", "the JPEG is cut off"
    for marker, segment in _segments(data):
        # Start of frame, whichever the coding, but for DHT, JPG and DAC.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return (int.from_bytes(segment[3:5], "big"),
                    int.from_bytes(segment[1:3], "big"))
    raise AssertionError("a JPEG without a frame")


def has_exif(data):
    return any(marker == 0xE1 and segment.startswith(b"Exif")
               for marker, segment in _segments(data))


def _segments(data):
    """(marker, content) of each segment before the picture itself."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xDA:
            return
        length = int.from_bytes(data[position + 2:position + 4], "big")
        yield marker, data[position + 4:position + 2 + length]
        position += 2 + length


def fit(width, height, limit):
    """The size of a rendition of at most `limit` on the longer side."""
    longer = max(width, height)
    if longer <= limit:
        return width, height
    return round(width * limit / longer), round(height * limit / longer)

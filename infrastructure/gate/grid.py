"""Images put together from tiles: ISO/IEC 23008-12, section 6.6.2.3."""

from domain.errors import DamagedFile
from infrastructure.gate.heif import Item, Meta, size_of
from infrastructure.gate.reader import Reader


def check_grid(meta: Meta, item: Item, kind: bytes) -> None:
    """Equal tiles of this kind that cover the grid, none of them in vain."""
    columns, rows, *size = grid_of(*meta.content(item))
    meta.tally.size(*size)
    if tuple(size) != size_of(meta.reader, item.only(b"ispe")) or columns * rows != len(item.parts):
        raise DamagedFile(
            "The file contradicts itself about the size of its grid, or the number of its tiles."
        )
    tiles = {tile_size(meta, number, kind) for number in item.parts}
    for width, height in tiles:
        if not (covers(width, columns, size[0]) and covers(height, rows, size[1])):
            raise DamagedFile(
                f"The file says that it is {size[0]:,} x {size[1]:,} pixels; "
                f"its {columns:,} x {rows:,} tiles are {width:,} x {height:,} each."
            )
    if len(tiles) != 1:
        raise DamagedFile("The tiles of the image are of different sizes.")


def covers(tile: int, count: int, whole: int) -> bool:
    return tile * (count - 1) < whole <= tile * count


def grid_of(reader: Reader, at: int) -> tuple[int, int, int, int]:
    """Columns and rows, width and height in pixels."""
    read = reader.be32 if reader.byte(at + 1) & 1 else reader.be16
    step = 4 if reader.byte(at + 1) & 1 else 2
    return reader.byte(at + 3) + 1, reader.byte(at + 2) + 1, read(at + 4), read(at + 4 + step)


def tile_size(meta: Meta, number: int, kind: bytes) -> tuple[int, int]:
    tile = meta.items.get(number)
    if tile is None or tile.kind != kind:
        raise DamagedFile("A tile of the image is missing, or is no picture.")
    return size_of(meta.reader, tile.only(b"ispe"))

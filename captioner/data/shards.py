"""Work on a list of photos that several processes or machines share: each does its own part."""


class ShardError(ValueError):
    """There is no such part."""


def shard_rows(count: int, number: int, parts: int, batch_size: int = 1) -> tuple[int, int]:
    """The first of `count` rows that belongs to part `number` of `parts`, counted from 1, and the
    row after its last.

    Parts consist of whole batches, so that results are the same bits as without parts.

    Raises:
        ShardError: there is no part of this number.
    """
    if not 1 <= number <= parts:
        raise ShardError(f"There is no shard {number}/{parts}; they go from 1/{parts} on.")
    batches = -(-count // batch_size)
    first, last = ((batches * n // parts) * batch_size for n in (number - 1, number))
    return first, min(last, count)

from __future__ import annotations

import pytest

from agentic_assets.ledger import Tree, consistent, included, leaf_hash
from agentic_assets.ledger.merkle import leaf_hashes

MOST = 40
RECORDS = [b"record %d" % number for number in range(MOST)]
TREES = [Tree(leaf_hashes(RECORDS[:size])) for size in range(MOST + 1)]


def test_every_leaf_of_every_size_is_included() -> None:
    for size, tree in enumerate(TREES):
        for index in range(size):
            assert included(leaf_hash(RECORDS[index]), index, size, tree.path(index), tree.root)


def test_an_inclusion_path_proves_no_other_leaf_index_size_or_root() -> None:
    for size in (1, 2, 3, 7, 8, 13, 40):
        tree = TREES[size]
        for index in range(size):
            leaf, path = leaf_hash(RECORDS[index]), tree.path(index)
            assert not included(leaf_hash(b"another"), index, size, path, tree.root)
            assert not included(leaf, index, size, path, leaf_hash(b"another"))
            assert not any(
                included(leaf, other, size, path, tree.root) for other in range(-1, size + 2) if other != index
            )
            assert not included(leaf, index, size, (*path, leaf), tree.root)
            for step in range(len(path)):
                assert not included(leaf, index, size, path[:step] + path[step + 1 :], tree.root)
                bent = bytes([path[step][0] ^ 1]) + path[step][1:]
                assert not included(leaf, index, size, (*path[:step], bent, *path[step + 1 :]), tree.root)


def test_every_size_is_consistent_with_every_larger_size() -> None:
    for new, tree in enumerate(TREES):
        for old in range(new + 1):
            assert consistent(old, TREES[old].root, new, tree.root, tree.consistency(old))


def test_a_rewritten_past_is_not_consistent() -> None:
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            forged = Tree(leaf_hashes([b"rewritten", *RECORDS[1:new]]))
            assert not consistent(old, TREES[old].root, new, forged.root, forged.consistency(old))
            assert not consistent(old, forged.root, new, TREES[new].root, TREES[new].consistency(old))


def test_a_bent_shortened_or_lengthened_consistency_path_proves_nothing() -> None:
    for old, new in [(1, 2), (2, 3), (3, 7), (4, 8), (6, 8), (5, 40), (32, 40), (39, 40)]:
        tree = TREES[new]
        path = tree.consistency(old)

        def proves(path: tuple[bytes, ...], old: int = old, new: int = new) -> bool:
            return consistent(old, TREES[old].root, new, TREES[new].root, path)

        assert proves(path)
        assert not proves((*path, path[0]))
        for step in range(len(path)):
            assert not proves(path[:step] + path[step + 1 :])
            assert not proves((*path[:step], bytes([path[step][0] ^ 1]) + path[step][1:], *path[step + 1 :]))


@pytest.mark.parametrize("step", [b"", b"short", b"x" * 33])
def test_what_is_no_hash_is_no_step_of_a_path(step: bytes) -> None:
    root = TREES[2].root
    assert not included(leaf_hash(RECORDS[0]), 0, 2, [step], root)
    assert not consistent(1, TREES[1].root, 2, root, [step])


def test_a_smaller_tree_does_not_extend_a_larger_one() -> None:
    assert not consistent(3, TREES[3].root, 2, TREES[2].root, ())
    assert not consistent(0, TREES[1].root, 2, TREES[2].root, ())
    assert not consistent(0, TREES[0].root, 0, TREES[1].root, ())

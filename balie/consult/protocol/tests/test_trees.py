"""Proofs hold for what they prove and for nothing else, by the definition of RFC 9162 and a library's own check."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import verify_inclusion

from balie.consult.keylog.tree import Tree
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.trees import Frontier, check_consistency, check_inclusion, leaf_hash

LEAVES = [leaf_hash(str(number).encode()) for number in range(130)]


def defined(leaves):
    """The root as section 2.1.1 defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + defined(leaves[:half]) + defined(leaves[half:])).digest()


@pytest.fixture(scope="module")
def tree():
    found = Tree()
    found.extend(LEAVES)
    return found


@given(size=st.integers(0, 130))
def test_a_root_is_as_the_rfc_defines_it(tree, size):
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert tree.root(size) == frontier.root() == defined(LEAVES[:size])


@given(st.data())
def test_an_inclusion_proof_holds_for_its_leaf_alone(tree, data):
    size = data.draw(st.integers(1, 130))
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 129))
    proof, root = tree.inclusion(index, size), tree.root(size)
    check_inclusion(leaf=LEAVES[index], index=index, size=size, root=root, proof=proof)
    verify_inclusion(LEAVES[index], root, tree.prove_inclusion(index + 1, size))
    assert proof == tree.prove_inclusion(index + 1, size).path[1:]
    if other != index:
        for leaf, at in ((LEAVES[other], index), (LEAVES[index], other)):
            with pytest.raises(Rejected):
                check_inclusion(leaf=leaf, index=at, size=size, root=root, proof=proof)


@given(st.data())
def test_a_consistency_proof_holds_between_its_trees_alone(tree, data):
    later = data.draw(st.integers(1, 130))
    size, bent = data.draw(st.integers(0, later)), data.draw(st.integers(0, later - 1))
    proof, known = tree.consistency(size, later), {"size": size, "root": tree.root(size), "later_size": later}
    check_consistency(**known, later_root=tree.root(later), proof=proof)
    fork = Tree()
    fork.extend([*LEAVES[:bent], leaf_hash(b"another"), *LEAVES[bent + 1 : later]])
    if bent < size:  # what was changed is what was seen before
        for offered in (proof, fork.consistency(size, later)):
            with pytest.raises(Rejected):
                check_consistency(**known, later_root=fork.root(later), proof=offered)
    else:
        check_consistency(**known, later_root=fork.root(later), proof=fork.consistency(size, later))

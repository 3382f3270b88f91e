"""Tokens of scripts, as each database keeps them."""

from datetime import timedelta

from inkbatch.ports.access import ApiToken


def token(given, name="crm", *, days=1):
    return ApiToken(
        name=name,
        role="viewer",
        created_at=given.now,
        expires_at=given.now + timedelta(days=days),
    )


def test_a_token_is_found_by_its_hash_alone(given):
    """It is there under its hash, and under no other."""
    with given.store.transaction() as tx:
        assert tx.add_api_token(token(given), digest="a" * 64)
    with given.store.reading() as tx:
        assert tx.api_token_of("a" * 64) == token(given)
        assert tx.api_token_of("b" * 64) is None
        assert tx.api_tokens() == [token(given)]


def test_a_name_means_one_token_for_ever(given):
    """One that was revoked gives its name to no other, and is revoked once."""
    with given.store.transaction() as tx:
        tx.add_api_token(token(given), digest="a" * 64)
        assert tx.revoke_api_token("crm", now=given.now)
        assert not tx.revoke_api_token("crm", now=given.now)
        assert not tx.revoke_api_token("other", now=given.now)
        assert not tx.add_api_token(token(given, days=9), digest="b" * 64)
    with given.store.reading() as tx:
        kept = tx.api_token_of("a" * 64)
        assert tx.api_token_of("b" * 64) is None
    assert kept.revoked_at == given.now
    assert not kept.is_good(now=given.now)

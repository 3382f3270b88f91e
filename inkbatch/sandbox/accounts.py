"""Whose key and whose number it is: the organisations with what they have used and set."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from inkbatch.sandbox import refusals
from inkbatch.sandbox.organisations import NumberStatus, Organisation, PhoneNumber
from inkbatch.sandbox.rolling_limits import RollingLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An organisation and what it has used of its limits."""

    organisation: Organisation
    limits: RollingLimits


class Accounts:
    """All accounts by key and name, and all phone numbers as they are set now."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        """Take the accounts with their numbers as they are rented."""
        self._by_key = {account.organisation.api_key: account for account in accounts}
        self._by_name = {account.organisation.name: account for account in self._by_key.values()}
        self._numbers: dict[str, PhoneNumber] = {}
        self._owners: dict[UUID, tuple[Account, str]] = {}
        for account in self._by_key.values():
            for number in account.organisation.phone_numbers:
                self._numbers[number.number] = number
                self._owners[number.id] = (account, number.number)

    def by_key(self, api_key: str | None) -> Account:
        """Return whose key it is; raises the 401."""
        account = self._by_key.get(api_key or "")
        if account is None:
            raise refusals.no_such_key()
        return account

    def named(self, organisation: str) -> Account:
        """Return the account of an organisation that is known to have one."""
        return self._by_name[organisation]

    def numbers(self, account: Account) -> tuple[PhoneNumber, ...]:
        """Return the organisation's numbers, in the order in which it rented them."""
        rented = account.organisation.phone_numbers
        return tuple(self._numbers[number.number] for number in rented)

    def number(self, account: Account, number_id: UUID) -> PhoneNumber:
        """Return one of the organisation's own numbers; raises the 403 and the 404."""
        if number_id not in self._owners:
            raise refusals.no_such_number()
        owner, number = self._owners[number_id]
        if owner is not account:
            raise refusals.not_your_number()
        return self._numbers[number]

    def caller(self, account: Account, from_number: str) -> PhoneNumber:
        """Return the number that a call shall come from; raises the 400 and the 403."""
        number = self._numbers.get(from_number)
        if number is None or self._owners[number.id][0] is not account:
            raise refusals.not_your_from_number()
        if number.status is not NumberStatus.ACTIVE:
            raise refusals.number_not_active()
        return number

    def update(self, number: PhoneNumber, *, now: datetime, **settings: Any) -> PhoneNumber:
        """Set what is given of a number, from its next call on, and return it."""
        updated = replace(number, updated_at=now, **settings)
        self._numbers[number.number] = updated
        return updated

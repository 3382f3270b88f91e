"""The tables of the models, for statements that need no objects.

A session that makes objects takes twice the time of a plain statement, and the dialer commits
once per batch of answers while calls are ringing.
"""

from sqlmodel import SQLModel

from inkbatch.adapters.store import models

_tables = SQLModel.metadata.tables

campaign = _tables[models.CampaignRow.__tablename__]
contact = _tables[models.ContactRow.__tablename__]
list_file = _tables[models.ListFileRow.__tablename__]
list_row = _tables[models.ListRowRow.__tablename__]
shift = _tables[models.ShiftRow.__tablename__]
attempt = _tables[models.AttemptRow.__tablename__]
call_record = _tables[models.CallRow.__tablename__]
installation = _tables[models.InstallationRow.__tablename__]
suppressed_number = _tables[models.SuppressedNumberRow.__tablename__]
answer_tally = _tables[models.AnswerTallyRow.__tablename__]
number_key = _tables[models.NumberKeyRow.__tablename__]
erased_number = _tables[models.ErasedNumberRow.__tablename__]
cool_down = _tables[models.CoolDownRow.__tablename__]
organisation = _tables[models.OrganisationRow.__tablename__]
budget_entry = _tables[models.BudgetEntryRow.__tablename__]
budget_snapshot = _tables[models.BudgetSnapshotRow.__tablename__]
budget_hold = _tables[models.BudgetHoldRow.__tablename__]
attempt_result = _tables[models.AttemptResultRow.__tablename__]
event_inbox = _tables[models.InboxEventRow.__tablename__]
audit_entry = _tables[models.AuditEntryRow.__tablename__]

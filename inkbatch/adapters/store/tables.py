"""The tables of the models, for statements that need no objects.

A session that makes objects takes twice the time of a plain statement, and the dialer commits
once per batch of answers while calls are ringing.
"""

from sqlmodel import SQLModel

from inkbatch.adapters.store import access_models, budget_models, models, number_models

_tables = SQLModel.metadata.tables

campaign = _tables[models.CampaignRow.__tablename__]
campaign_state = _tables[models.CampaignStateRow.__tablename__]
contact = _tables[models.ContactRow.__tablename__]
number_of_contact = _tables[models.NumberOfContactRow.__tablename__]
list_file = _tables[models.ListFileRow.__tablename__]
list_row = _tables[models.ListRowRow.__tablename__]
shift = _tables[models.ShiftRow.__tablename__]
attempt = _tables[models.AttemptRow.__tablename__]
call_record = _tables[models.CallRow.__tablename__]
installation = _tables[models.InstallationRow.__tablename__]
suppressed_number = _tables[number_models.SuppressedNumberRow.__tablename__]
answer_tally = _tables[models.AnswerTallyRow.__tablename__]
number_key = _tables[number_models.NumberKeyRow.__tablename__]
erased_number = _tables[number_models.ErasedNumberRow.__tablename__]
cool_down = _tables[number_models.CoolDownRow.__tablename__]
organisation = _tables[budget_models.OrganisationRow.__tablename__]
budget_entry = _tables[budget_models.BudgetEntryRow.__tablename__]
budget_snapshot = _tables[budget_models.BudgetSnapshotRow.__tablename__]
budget_hold = _tables[budget_models.BudgetHoldRow.__tablename__]
attempt_result = _tables[models.AttemptResultRow.__tablename__]
event_inbox = _tables[models.InboxEventRow.__tablename__]
api_token = _tables[access_models.ApiTokenRow.__tablename__]
audit_entry = _tables[access_models.AuditEntryRow.__tablename__]

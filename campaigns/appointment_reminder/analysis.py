# %% [markdown]
# # What came of the appointment reminders
#
# Run it cell by cell in an editor that knows `# %%`, or whole with `python`, after `make demo` or
# a campaign of your own; the variable INKBATCH_DATABASE_URL says which database, such as
# sqlite:///reports/demo/demo.db. It only reads. Every frame is picked by the database and typed;
# `inkbatch/adapters/reports/COLUMNS.md` tells the columns.
# %%
"""From frames to answers: who was reached, when people answer, what a conversation costs."""

from inkbatch import frames

CAMPAIGN = "appointment_reminder"
RANG = ["answered", "voicemail", "rejected", "no_answer"]
ENOUGH = 20  # phones that rang in an hour, before its rate says anything

contacts = frames.contacts(CAMPAIGN)
attempts = frames.attempts(CAMPAIGN, state="ended")
print(f"{len(contacts):,} people, {len(attempts):,} ended attempts")

# %% [markdown]
# ## Where everyone stands
# %%
states = contacts["state"].value_counts()
states = states[states > 0]
print(states.to_string())
reached = contacts[contacts["state"] == "reached"]
print(f"reached: {len(reached) / len(contacts):.0%}")

# %% [markdown]
# ## What each try came to
# The share of each disposition among the first, second, ... tries.
# %%
by_try = attempts.groupby("ordinal", observed=True)["disposition"].value_counts(normalize=True)
print(by_try[by_try > 0].unstack(fill_value=0.0).round(2).to_string())

# %% [markdown]
# ## When people answer
# Only phones that rang are counted, at the hour where the person lives.
# %%
rang = attempts[attempts["disposition"].isin(RANG)]
by_hour = (
    rang.assign(answered=rang["disposition"] == "answered")
    .groupby("local_hour")["answered"]
    .agg(rate="mean", phones="size")
)
print(by_hour[by_hour["phones"] >= ENOUGH].round(2).to_string())

# %% [markdown]
# ## What a conversation costs
# Calls and minutes that were spent for each person reached.
# %%
spent = attempts["talk_minutes"].sum()
print(f"{len(attempts) / len(reached):.1f} calls and {spent / len(reached):.1f} minutes a person")

# %% [markdown]
# ## How full the 24 hours were
# The ledger as a step function: up where an entry begins to count, down where its call is free.
# %%
ledger = frames.budget()
up = ledger.set_index("counts_from")["calls"]
down = -ledger.dropna(subset="calls_until").set_index("calls_until")["calls"]
# What becomes free at an instant and what begins at it are summed: they never count together.
steps = down.groupby(level=0).sum().add(up.groupby(level=0).sum(), fill_value=0).sort_index()
print(f"most calls in any 24 hours: {steps.cumsum().max():.0f}")

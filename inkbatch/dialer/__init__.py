"""The work: load, ask the domain, record, act. It knows ports, never adapters."""

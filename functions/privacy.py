"""What those on whom something is held may ask: all of it, its end with a receipt, that nobody uses it. Operations of
our own (docs/data-subjects.md)."""

import azure.functions as func

from shared.clock import to_text
from shared.wire.answers import Accepted, Polled
from shared.wire.call import Call
from shared.wire.operation import operation
from shared.wire.privacy import (
    About,
    AuditAnchor,
    ErasureBegun,
    ErasureResult,
    ExportedData,
    NewTerms,
    PublicKeys,
    RecordNames,
    RetentionState,
    exported_record,
    exported_session,
    public_keys,
    record_name,
    retention_line,
)
from shared.wire.terms import changed_terms

blueprint = func.Blueprint()

PRIVACY = "face/{version}/privacy"


@operation(blueprint, "ExportPersonalData", "POST", f"{PRIVACY}/export", action="privacy/export/action")
def export(call: Call[None, About]) -> ExportedData:
    """Everything that is held on a subject, or in the records named; nothing of anybody else."""
    found = call.services.privacy.rights.export(call.body.subject, call.body.names)
    return ExportedData(
        exported_time=to_text(call.services.clock()),
        records=[exported_record(one) for one in found.records],
        sessions=[exported_session(one) for one in found.sessions],
        subject=call.body.subject,
    )


@operation(blueprint, "ErasePersonalData", "POST", f"{PRIVACY}/erase", action="privacy/erase/action")
def erase(call: Call[None, About]) -> Accepted[ErasureBegun]:
    """Erase all of that, everywhere. Nothing finds it from then on; the erasure tells when nothing is left."""
    key, held = call.services.privacy.erasing.begin(call.body.subject, call.body.names)
    records, sessions = [record_name(one) for one in held.records], [one.session_id for one in held.sessions]
    place = f"privacy/erasures/{key}"
    return Accepted(ErasureBegun(key, records, sessions), place, place)


@operation(blueprint, "GetErasure", "GET", f"{PRIVACY}/erasures/{{erasureId}}", action="privacy/erasures/read")
def get_erasure(call: Call[None, None]) -> Polled[ErasureResult]:
    """How far an erasure is and, when nothing is left, its receipt."""
    found = call.services.privacy.erasing.get(call.path["erasureId"])
    return Polled(
        ErasureResult(
            erasure_id=found.erasure_id,
            status="succeeded" if found.finished else "running",
            created_time=to_text(found.created),
            finished_time=to_text(found.finished) if found.finished else None,
            receipt=found.receipt,
        )
    )


@operation(blueprint, "GetReceiptKeys", "GET", f"{PRIVACY}/receiptkeys", action="privacy/receiptkeys/read")
def get_receipt_keys(call: Call[None, None]) -> PublicKeys:
    """The public keys by which anybody can check a receipt."""
    return public_keys(call.services.privacy.receipts.public_keys())


@operation(blueprint, "GetRetention", "GET", f"{PRIVACY}/retention", action="privacy/retention/read")
def get_retention(call: Call[None, None]) -> RetentionState:
    """For every kind of data its policy, how many there are, the oldest, and how long the first is overdue."""
    lines = call.services.privacy.report.lines()
    return RetentionState(to_text(call.services.clock()), [retention_line(line) for line in lines])


@operation(blueprint, "AnchorAuditTrail", "POST", f"{PRIVACY}/anchor", action="privacy/anchor/action")
def anchor(call: Call[None, None]) -> AuditAnchor:
    """How far the audit trail is. Kept elsewhere, it shows whether what was noted by now is changed later."""
    at = call.services.audit.anchor()
    return AuditAnchor(str(at), to_text(call.services.clock()))


@operation(blueprint, "RestrictPersonalData", "POST", f"{PRIVACY}/restrict", action="privacy/restrict/action")
def restrict(call: Call[None, About]) -> RecordNames:
    """Keep these records, but let nothing match them, in any process."""
    found = call.services.privacy.rights.restrict(call.body.subject, call.body.names)
    return RecordNames([record_name(one) for one in found])


@operation(blueprint, "LiftRestriction", "POST", f"{PRIVACY}/lift", action="privacy/lift/action")
def lift(call: Call[None, About]) -> RecordNames:
    """Let them be matched again."""
    found = call.services.privacy.rights.restrict(call.body.subject, call.body.names, lift=True)
    return RecordNames([record_name(one) for one in found])


@operation(blueprint, "SetTerms", "POST", f"{PRIVACY}/terms", action="privacy/terms/action")
def set_terms(call: Call[None, NewTerms]) -> RecordNames:
    """Whose records these are, on which consent, until when they are kept; what is absent stays as it is."""
    asked = call.body
    change, clear = changed_terms(asked.new_subject, asked.consent, asked.retain_until, call.services.clock())
    found = call.services.privacy.rights.agree(asked.subject, asked.names, change, clear)
    return RecordNames([record_name(one) for one in found])

"""The parts of one process, put together once: what a handler reaches through its call."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.access.access import Access
from shared.access.features import Approvals
from shared.access.keys import Keys
from shared.access.signing_keys import SigningKeys
from shared.access.tokens import Tokens
from shared.clock import Clock, system_clock
from shared.engine import Engine, ModelLibrary
from shared.engine.manifest import Model
from shared.gallery.confidence import CalibrationError
from shared.measured import MeasuredEngine
from shared.pace import Pace, Rate
from shared.people import collections, directory, dynamic_groups, removals, resealing
from shared.people.agreements import RETENTION, Agreements
from shared.people.audit_trail import AuditTrail
from shared.people.background import Background
from shared.people.collections import Collections
from shared.people.compaction import Compaction
from shared.people.damage import Damage
from shared.people.directory import Directory
from shared.people.dynamic_groups import DynamicGroups
from shared.people.enrolment import Enrolment
from shared.people.erasure import Erasing
from shared.people.gallery_reader import GalleryReader
from shared.people.liveness_attempts import LivenessAttempts
from shared.people.liveness_checks import LivenessChecks
from shared.people.liveness_guidance import Guidance
from shared.people.liveness_judge import LivenessJudge
from shared.people.liveness_references import References
from shared.people.liveness_sessions import LivenessSessions
from shared.people.operations import OperationResults
from shared.people.persisted_faces import PersistedFaces
from shared.people.persons import Persons
from shared.people.rebuild import Rebuild
from shared.people.receipts import Receipts
from shared.people.recognition import Recognition
from shared.people.record_removal import RecordRemoval
from shared.people.records import Records
from shared.people.removals import Removals
from shared.people.resealing import Resealing
from shared.people.retention import Eraser, Retention
from shared.people.retention_report import RetentionReport
from shared.people.rights import Rights
from shared.people.scores import Scores
from shared.people.segment_cache import SegmentCache
from shared.people.segment_swap import SegmentSwap
from shared.people.session_tokens import SessionTokens
from shared.people.totals import Totals
from shared.people.traces import Traces
from shared.people.training import Trainings
from shared.people.transient_faces import TransientFaces
from shared.readiness import Readiness
from shared.settings import MEGABYTE, Entra, Settings, SettingsError
from shared.store import audit_chains, erasures, face_ids, operations, sessions, subjects
from shared.store.models import ModelFiles
from shared.stores import Stores
from shared.turns import Turns
from shared.wire.download import fetched_from
from shared.wire.images import ImageIntake

log = logging.getLogger("ownface.people")


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is there for those on whom something is held."""

    records: Records
    removal: RecordRemoval
    rights: Rights
    erasing: Erasing
    receipts: Receipts
    report: RetentionReport


@dataclass(frozen=True, slots=True)
class Services:
    """What a handler reaches through its call."""

    clock: Clock
    settings: Settings
    access: Access
    turns: Turns
    readiness: Readiness
    engine: Engine
    images: ImageIntake
    transient_faces: TransientFaces
    collections: Collections
    persons: Persons
    persisted_faces: PersistedFaces
    training: Trainings
    recognition: Recognition
    directory: Directory
    dynamic_groups: DynamicGroups
    operations: OperationResults
    session_tokens: SessionTokens
    liveness_sessions: LivenessSessions
    liveness_attempts: LivenessAttempts
    liveness_checks: LivenessChecks
    guidance: Guidance
    privacy: Privacy
    audit: AuditTrail
    retention: Retention
    resealing: Resealing
    background: Background
    queue_depths: Callable[[], Mapping[str, int]]

    @classmethod
    def build(cls, settings: Settings, clock: Clock = system_clock) -> "Services":
        """Reads the key ring and finds the models; connects to nothing yet.

        Raises SettingsError, KeyRingError, ModelError."""
        stores = Stores.build(settings, clock)
        library = ModelLibrary.find(
            settings.models_dir,
            settings.own_models_dir,
            settings.recognition_models,
            settings.left_out_models,
            _fetch(settings),
        )
        try:
            scores = Scores.load(library.manifest, settings.own_models_dir)
        except CalibrationError as error:
            raise SettingsError(f"FACE_RECOGNITION_MODELS: {error}") from None
        engine = MeasuredEngine(library, settings.model_threads, settings.sensitive_attributes)
        return _assembled(settings, stores, engine, scores)


def _fetch(settings: Settings) -> Callable[[Model], bytes | None] | None:
    """What gets a model's file from the container that the settings name; None where they name none."""
    if not settings.models_container:
        return None
    files = ModelFiles(settings.storage, settings.models_container)
    return lambda model: files.get(model.sha256, model.file)


def _assembled(settings: Settings, stores: Stores, engine: Engine, scores: Scores) -> Services:
    clock, limits, expiries = stores.clock, settings.limits, stores.expiries
    galleries, catalogue, work = stores.galleries, stores.catalogue, stores.work
    cache = SegmentCache(stores.segments, settings.gallery_memory_megabytes * MEGABYTE)
    compacting, enrolment = compaction(stores, cache), Enrolment(engine)
    anew, faces = resealing_by(stores, cache, compacting), TransientFaces(engine, stores.face_ids)
    lists = Collections(catalogue, galleries, expiries, work, engine, limits, clock)
    training = Trainings(lists, catalogue, compacting, work, clock)
    agreements, totals = Agreements(stores.subjects, expiries), Totals(catalogue, galleries, limits)
    kept = (catalogue, galleries, stores.memberships, stores.operations)
    people = Directory(*kept, enrolment, agreements, expiries, work, limits, clock)
    groups = DynamicGroups(catalogue, people, stores.memberships, stores.operations, expiries, work, clock)
    tokens = SessionTokens(stores.key_ring, settings.public_url, clock)
    references, judge = References(enrolment, engine), LivenessJudge(engine, scores)
    attempts = LivenessAttempts(stores.sessions, stores.session_images, references, judge, clock)
    turns = Turns(settings.inferences_at_once or (os.cpu_count() or 1) + 1, settings.inferences_waiting, clock)
    liveness = LivenessSessions(stores.sessions, stores.session_images, tokens, references, stores.subjects, clock)
    audit = AuditTrail(stores.audit_chains, stores.key_ring, settings.audit_matches, clock)
    privacy = _privacy(settings, stores, compacting, lists, people, groups, totals, agreements, liveness, audit)
    background = Background(training, compacting, lists, groups, privacy.erasing, anew, stores.operations, work)
    reader = GalleryReader(stores.gallery_log, cache, Damage(work), clock)
    return Services(
        clock=clock,
        settings=settings,
        access=access_by(settings, clock),
        turns=turns,
        readiness=Readiness(stores.tables, engine),
        engine=engine,
        images=ImageIntake(settings, turns),
        transient_faces=faces,
        collections=lists,
        persons=Persons(lists, galleries, totals, agreements, limits),
        persisted_faces=PersistedFaces(lists, galleries, enrolment, agreements, limits),
        training=training,
        recognition=Recognition(faces, lists, galleries, reader, people, groups, scores),
        directory=people,
        dynamic_groups=groups,
        operations=OperationResults(stores.operations),
        session_tokens=tokens,
        liveness_sessions=liveness,
        liveness_attempts=attempts,
        liveness_checks=LivenessChecks(references, judge),
        guidance=Guidance(attempts, engine, clock),
        privacy=privacy,
        audit=audit,
        retention=Retention(expiries, _erasers(stores, background, privacy), clock, SLOW),
        resealing=anew,
        background=background,
        queue_depths=work.depths,
    )


def access_by(settings: Settings, clock: Clock) -> Access:
    """The door as the settings want it."""
    tokens = _tokens(settings.entra, clock) if settings.entra else None
    rates = (_by_role(settings.caller_rates), _by_role(settings.role_rates))
    return Access(Keys.of(settings), tokens, Approvals(settings.approved_features), Pace(clock), *rates)


def _tokens(entra: Entra, clock: Clock) -> Tokens:
    return Tokens(entra, SigningKeys(fetched_from(entra.keys_url), clock), clock)


def _by_role(rates: Mapping[str, float]) -> dict[str, Rate]:
    """What comes within a second may come at once."""
    return {role: Rate(a_second, max(a_second, 1.0)) for role, a_second in rates.items()}


def compaction(stores: Stores, cache: SegmentCache) -> Compaction:
    """With the rebuild that it may need; both share the cache of those who read."""
    announcing = Removals(stores.expiries, stores.clock)
    swap = SegmentSwap(stores.gallery_log, stores.segments, cache)
    rebuild = Rebuild(stores.rebuilds, stores.heads, stores.gallery_log, stores.galleries, swap, announcing)
    return Compaction(stores.gallery_log, stores.galleries, stores.segments, swap, rebuild, announcing, stores.clock)


def resealing_by(stores: Stores, cache: SegmentCache, compacting: Compaction) -> Resealing:
    return Resealing(
        stores.key_ring,
        stores.reseals,
        stores.catalogue,
        compacting,
        stores.gallery_log,
        stores.segments,
        SegmentSwap(stores.gallery_log, stores.segments, cache),
        stores.expiries,
        stores.clock,
    )


def _privacy(
    settings: Settings,
    stores: Stores,
    compacting: Compaction,
    lists: Collections,
    people: Directory,
    groups: DynamicGroups,
    totals: Totals,
    agreements: Agreements,
    liveness: LivenessSessions,
    audit: AuditTrail,
) -> Privacy:
    rows, subjects, memberships, clock = stores.records, stores.subjects, stores.memberships, stores.clock
    records = Records(lists, people, stores.catalogue, rows, stores.sessions, subjects, clock)
    removal = RecordRemoval(records, rows, stores.galleries, lists, totals, groups, audit, stores.expiries, clock)
    traces = Traces(rows, stores.gallery_log, stores.segments, memberships, subjects, stores.sessions)
    receipts = Receipts(stores.key_ring, settings.public_url, clock)
    work = (compacting, liveness, receipts, audit, stores.work)
    return Privacy(
        records=records,
        removal=removal,
        rights=Rights(records, rows, agreements, subjects, memberships, stores.session_images, audit, clock),
        erasing=Erasing(records, removal, traces, stores.erasures, *work, clock),
        receipts=receipts,
        report=RetentionReport(stores.expiries, stores.catalogue, stores.galleries, clock),
    )


SLOW = frozenset(
    {collections.ERASURE, removals.COMPACTION, directory.DEPARTURE, dynamic_groups.MEMBERSHIPS, erasures.PROGRESS}
)
"""The kinds of expiry whose erasers may take minutes."""


def _erasers(stores: Stores, background: Background, privacy: Privacy) -> dict[str, Eraser]:
    """Every kind of expiry with what the sweep does about it."""
    return {
        face_ids.KIND: stores.face_ids.erase,
        operations.KIND: stores.operations.erase,
        sessions.KIND: stores.sessions.erase,
        collections.ERASURE: background.erase_gallery,
        removals.COMPACTION: background.compact_gallery,
        directory.DEPARTURE: background.leave_groups,
        dynamic_groups.MEMBERSHIPS: background.settle_group,
        resealing.KIND: background.reseal_gallery,
        subjects.KIND: privacy.records.settle_subject,
        RETENTION: privacy.removal.end,
        erasures.PROGRESS: privacy.erasing.proceed,
        erasures.RECEIPT: stores.erasures.erase,
        audit_chains.KIND: stores.audit_chains.erase,
    }


_lock = threading.Lock()
_current: Services | None = None


def current() -> Services:
    """This process's services, built from the environment by the first call that needs them."""
    global _current
    with _lock:
        if _current is None:
            _current = Services.build(Settings.from_environment())
        return _current


def use(services: Services | None) -> None:
    """Replace them, or with None have them built anew: for tests and for tools that bring their own clock."""
    global _current
    with _lock:
        _current = services

"""The settings of liveness: one, which is off."""

from shared.errors import FaceError, InvalidRequestBody
from shared.wire.objects import WireObject


class AbuseMonitoring(WireObject):
    enabled: bool


class LivenessSettings(WireObject):
    liveness_abuse_monitoring: AbuseMonitoring


class AbuseMonitoringUpdate(WireObject):
    enabled: bool | None = None


class SettingsUpdate(WireObject):
    """What to change."""

    liveness_abuse_monitoring: AbuseMonitoringUpdate | None = None

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        del field
        return InvalidRequestBody()

    @property
    def turns_on(self) -> bool:
        return bool(self.liveness_abuse_monitoring and self.liveness_abuse_monitoring.enabled)


def settings() -> LivenessSettings:
    return LivenessSettings(liveness_abuse_monitoring=AbuseMonitoring(enabled=False))

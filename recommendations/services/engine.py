"""The engine's settings: the shop's own, or what a tuning in use found."""

from dataclasses import asdict, replace

from django.conf import settings

from recommendations.algorithms.als import AlsSettings
from recommendations.algorithms.blend import EngineSettings
from recommendations.algorithms.gate import GateSettings
from recommendations.algorithms.interactions import EVENT_TYPES, ConfidenceSettings
from recommendations.algorithms.item_knn import KnnSettings
from recommendations.models import EngineTuning
from recommendations.services.store import engine_settings


def configured_engine() -> EngineSettings:
    """The engine as the environment has it."""
    threads = settings.RECOMMENDATIONS_THREADS
    usual = dict(zip(EVENT_TYPES, ConfidenceSettings().weights, strict=True))
    weights = usual | settings.RECOMMENDATIONS_WEIGHTS
    return EngineSettings(
        confidence=ConfidenceSettings(
            weights=tuple(weights[name] for name in EVENT_TYPES),
            half_life_days=settings.RECOMMENDATIONS_HALF_LIFE_DAYS or None,
        ),
        als=AlsSettings(threads=threads),
        knn=KnnSettings(threads=threads),
        text_weight=settings.RECOMMENDATIONS_TEXT_WEIGHT,
    )


def current_engine() -> EngineSettings:
    """What the next training uses: the latest tuning in use, else what is configured."""
    configured = configured_engine()
    tuning = EngineTuning.objects.filter(in_use=True).order_by("-pk").first()
    if tuning is None:
        return configured
    tuned = engine_settings(asdict(configured) | tuning.parameters)
    threads = settings.RECOMMENDATIONS_THREADS
    return replace(
        tuned,
        als=replace(tuned.als, threads=threads),
        knn=replace(tuned.knn, threads=threads),
    )


def gate_settings() -> GateSettings:
    """How strict the gate is."""
    return GateSettings(tolerance=settings.RECOMMENDATIONS_GATE_TOLERANCE)

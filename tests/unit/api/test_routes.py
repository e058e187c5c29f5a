"""Every task has a queue that some worker reads, and every name in the settings is a task."""

import pytest
from celery import current_app
from django.conf import settings

current_app.loader.import_default_modules()


@pytest.mark.parametrize("name", settings.CELERY_TASK_ROUTES)
def test_routes_name_tasks(name):
    assert name in current_app.tasks


@pytest.mark.parametrize("entry", settings.CELERY_BEAT_SCHEDULE)
def test_the_schedule_names_tasks(entry):
    assert settings.CELERY_BEAT_SCHEDULE[entry]["task"] in current_app.tasks


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("recommendations.tasks.refresh_shoppers", "fast"),
        ("recommendations.tasks.train_recommendations", "pipeline"),
        ("search.tasks.refresh_products", "pipeline"),
        ("search.tasks.refresh_few_products", "fast"),
    ],
)
def test_one_shopper_never_waits_for_a_batch(name, queue):
    assert current_app.amqp.router.route({}, name)["queue"].name == queue

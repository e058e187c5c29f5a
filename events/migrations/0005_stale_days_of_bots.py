from django.db import migrations

# Bots are left out of the counts by day: whoever turns out to be one, or not to be, changes the
# counts of the days on which they did something. Whatever marks them, a task, the admin or SQL.
NOTE_DAYS_OF_BOTS = """
CREATE FUNCTION events_note_days_of_visitor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_staleday (day)
    SELECT DISTINCT (occurred_at AT TIME ZONE 'UTC')::date FROM events_event
    WHERE visitor_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE FUNCTION events_note_days_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_staleday (day)
    SELECT DISTINCT (occurred_at AT TIME ZONE 'UTC')::date FROM events_event
    WHERE customer_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER events_note_bot AFTER UPDATE OF is_bot ON customers_visitor
    FOR EACH ROW WHEN (OLD.is_bot IS DISTINCT FROM NEW.is_bot)
    EXECUTE FUNCTION events_note_days_of_visitor();
CREATE TRIGGER events_note_bot AFTER UPDATE OF is_bot ON customers_customer
    FOR EACH ROW WHEN (OLD.is_bot IS DISTINCT FROM NEW.is_bot)
    EXECUTE FUNCTION events_note_days_of_customer();
"""
FORGET = """
DROP TRIGGER events_note_bot ON customers_visitor;
DROP TRIGGER events_note_bot ON customers_customer;
DROP FUNCTION events_note_days_of_visitor();
DROP FUNCTION events_note_days_of_customer();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_identity_and_consent"),
        ("events", "0004_restricted_events"),
    ]

    operations = [migrations.RunSQL(NOTE_DAYS_OF_BOTS, FORGET)]

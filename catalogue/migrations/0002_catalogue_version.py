from django.db import migrations, models

# The step is a random one, so that a database that was restored from a backup does not come by the
# numbers of the one that was lost, which validators out there may bear.
COUNT = """
CREATE FUNCTION catalogue_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part bigint;
  mine text := coalesce(current_setting('storefront.changes', true), '');
BEGIN
  IF mine = '' THEN
    SELECT id INTO part FROM catalogue_catalogueversion LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
      UPDATE catalogue_catalogueversion
      SET changes = changes + 1 + floor(random() * 1000000)::bigint WHERE id = part;
    ELSE
      INSERT INTO catalogue_catalogueversion (changes)
      VALUES (1 + floor(random() * 1000000)::bigint);
    END IF;
    mine := '+0';
  END IF;
  PERFORM set_config('storefront.changes', '+' || (mine::bigint + 1)::text, true);
  RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER count_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION catalogue_count_change()
"""
TABLES = [f"catalogue_{name}" for name in ("product", "variant", "offer", "brand", "category")]


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CatalogueVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("changes", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(COUNT, "DROP FUNCTION catalogue_count_change"),
        *(
            migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER count_change ON {table}")
            for table in TABLES
        ),
    ]

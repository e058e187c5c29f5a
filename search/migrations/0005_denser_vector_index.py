"""Link each vector to more neighbours: built beside the former index, while search answers."""

import pgvector.django.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("search", "0004_vocabulary")]

    operations = [
        AddIndexConcurrently(
            model_name="productembedding",
            index=pgvector.django.indexes.HnswIndex(
                fields=["vector"],
                name="product_embedding_near",
                opclasses=["halfvec_cosine_ops"],
                m=24,
                ef_construction=128,
            ),
        ),
        RemoveIndexConcurrently(model_name="productembedding", name="product_embedding_hnsw"),
    ]

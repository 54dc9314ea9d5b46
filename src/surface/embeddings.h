/* surface/embeddings.h
 * Private to the files about OpenAI's embeddings: POST /v1/embeddings. */
#pragma once
#include "provider/price.h"
#include "surface/body_reader.h"

/* What a caller wants of the vectors beside their numbers. */
struct embedding_wishes {
    struct text model; /* as the caller named it, which is told back */
    bool base64;       /* each as its little-endian IEEE 754 singles in base64 */
};

/* Whether vectors can be had of the endpoint, whose model is for that use; fails with what is to be
 * named instead. */
bool embeddings_possible(struct body_reader *reader, enum price_use use);
/* surface.read: texts, body->own being the wishes. */
bool embeddings_read(struct body_reader *reader);

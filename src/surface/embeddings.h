/* surface/embeddings.h
 * Private to the files about OpenAI's embeddings: POST /v1/embeddings. */
#pragma once
#include "provider/price.h"
#include "surface/body_reader.h"

/* What is noted of a call: body->own. */
struct embedding_wishes {
    struct text model; /* as the caller named it, which is told back */
};

/* Whether vectors can be had of the endpoint, whose model is for that use; fails with what is to be
 * named instead. */
bool embeddings_possible(struct body_reader *reader, enum price_use use);
/* surface.read: texts, body->own being the wishes. */
bool embeddings_read(struct body_reader *reader);

/* config/made_document.h
 * Private to config: a document that is made out of parts of an author's file. Each of its cells
 * remembers where in that file it comes from, so that what is wrong with it is shown there. Cells
 * are added in their order: a container, what is in it, its end. */
#pragma once
#include "document/document.h"

struct made_document {
    const struct document *from; /* the author's */
    struct arena *arena;
    struct cell *cells;
    struct range *marks;
    uint32_t count, room;
};
struct made_document made_document_from(const struct document *from, struct arena *arena);

/* Each says at which cell of the author's file what is added was written. */
/* Begins an array or object; gives its cell for made_end. */
uint32_t made_begin(struct made_document *made, enum cell_type type, uint32_t written);
void made_end(struct made_document *made, uint32_t begun);
/* A string, or the name of the member that follows; `text` is kept. */
void made_string(struct made_document *made, struct text text, uint32_t written);
void made_boolean(struct made_document *made, bool value, uint32_t written);
/* A copy of the author's own. */
void made_copy(struct made_document *made, uint32_t written);
/* In the arena. */
const struct document *made_document_done(const struct made_document *made);

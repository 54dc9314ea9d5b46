/* document/place.h
 * Bytes of a source as lines and columns. A line ends at LF, CR LF or CR. */
#pragma once
#include "document/document.h"

/* Moves a position forward to `byte`, or to the end of the source. */
void position_advance(struct position *position, struct text source, size_t byte);
struct position position_at(struct text source, size_t byte);
struct range range_of_bytes(struct text source, size_t start, size_t end);

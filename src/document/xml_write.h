/* document/xml_write.h
 * Text into XML 1.0, for reports that other programs read. */
#pragma once
#include "base/buffer.h"

/* Appends `text` as it may stand between tags and between double quotes: the five characters with a
 * meaning become entities, line breaks and tabs character references, and what XML cannot hold
 * (other control characters, ill-formed UTF-8) U+FFFD. */
void xml_put_escaped(struct buffer *buffer, struct text text);

/* document/yaml_write.h
 * A document as YAML for people: blocks indented by two, texts of several lines as they are, quotes
 * where they are needed. What is written is read again as the same. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"

/* Appends the subtree at `at`, an object or an array, with line breaks. */
void yaml_put(struct buffer *buffer, const struct document *document, uint32_t at);
/* Whether a text can stand without quotes, here and for any other reader of YAML. */
bool yaml_is_plain(struct text text);

/* document/yaml_read.h
 * YAML files into the same cells as JSON, with a mark beside each. The meaning is YAML 1.2's core
 * schema: only `true` and `false` are booleans, `null`, `~` and nothing are null, numbers are
 * JSON's (also 0x, 0o, .5, +1 are plain strings with a warning where a number may have been meant).
 * Refused: tags, anchors and aliases, merge keys, several documents, duplicate keys, keys that are
 * no scalars, and what exceeds the limits. A key written as a number or boolean is taken as its
 * text. */
#pragma once
#include "document/diagnostic.h"
#include "document/document.h"

enum { YAML_FILE_BYTES = 1024 * 1024, YAML_DEPTH = 32 };

/* Reads `source` (kept) from the file named `file` (kept; for messages). Problems go to
 * `diagnostics`; returns false when the document is unusable (*out is then empty), true also when
 * only some of it was refused with an error. An empty file is an empty object. */
bool yaml_read(struct text source, struct text file, struct arena *arena, struct document *out,
               struct diagnostics *diagnostics);

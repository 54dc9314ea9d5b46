/* command/schema_files.h
 * Schemas and documents that a command is given as files: JSON, or YAML where the name says so. */
#pragma once
#include "base/error.h"
#include "document/diagnostic.h"
#include "schema/set.h"

/* Reads one from its bytes (kept). Problems go to the diagnostics; false when it is unusable. */
bool schema_files_read(struct text source, const char *name, struct arena *arena,
                       struct document *out, struct diagnostics *diagnostics);
/* "file:///where/it/is.json", in the arena. */
struct text schema_files_uri(struct arena *arena, const char *name);
/* Adds every .json, .yaml and .yml of a folder to the set. False when the folder or one of the
 * files cannot be read at all. */
bool schema_files_add_folder(struct schema_set *set, const char *folder, struct arena *arena,
                             struct diagnostics *diagnostics, struct error *err);

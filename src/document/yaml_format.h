/* document/yaml_format.h
 * YAML as everybody would write it: blocks indented by two, one space where one belongs, no line
 * breaks or quotes too many. What an author said stays: the meaning, every comment, the order, the
 * line breaks, and block scalars byte for byte. What is formatted stays as it is when it is
 * formatted again. */
#pragma once
#include "document/diagnostic.h"

/* Gives `source` formatted, in the arena. False when it cannot be read, or has a form that is not
 * formatted (an explicit key, `? key`); why goes to the diagnostics. `file` is for messages. */
bool yaml_format(struct text source, struct text file, struct arena *arena,
                 struct diagnostics *diagnostics, struct text *out);

/* command/schema_write.h
 * The schemas of the files that authors write, where their editors find them without a network: in
 * .pinion/ of the configuration folder. */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "config/shape.h"

/* Writes those that are missing or different; counts them. False when one cannot be written. */
bool schema_write_all(struct text folder, struct arena *arena, size_t *out_written,
                      struct error *err);
/* The first line of a file that yaml-language-server is to know: "# yaml-language-server:
 * $schema=../.pinion/endpoint.schema.json", relative to where files of that kind stand. */
const char *schema_modeline(enum shape_file file);

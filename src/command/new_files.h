/* command/new_files.h
 * Private to `new`: what the files of a new endpoint hold. */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "provider/kind.h"

enum { NEW_FIELDS_MAX = 32, NEW_FILES_MAX = 3 };
enum new_type { NEW_STRING, NEW_INTEGER, NEW_NUMBER, NEW_BOOLEAN, NEW_STRINGS, NEW_TYPE_COUNT };

struct new_field {
    struct text name;
    enum new_type type;
    bool optional;
};
struct new_fields {
    struct new_field items[NEW_FIELDS_MAX];
    size_t count;
};
struct new_endpoint {
    struct text slug, provider, model;
    struct new_fields input, output;
    bool text;    /* the answer has no schema */
    bool session; /* nor has what callers send */
};
struct new_file {
    const char *name; /* "endpoints/summarize.yaml" */
    struct text bytes;
};

/* Adds "text:string" or "language:string?"; `flag` is where it was said, for messages. */
bool new_field_read(const char *word, const char *flag, struct new_fields *out, struct error *err);
/* Sets provider and model to what was said (NULL: nothing), or to what suits. */
bool new_target(const struct provider *providers, size_t count, const char *provider,
                const char *model, struct arena *arena, struct new_endpoint *endpoint,
                struct error *err);
/* The files; the endpoint's own is the first. Returns how many. */
size_t new_files(const struct new_endpoint *endpoint, struct arena *arena,
                 struct new_file out_files[NEW_FILES_MAX]);

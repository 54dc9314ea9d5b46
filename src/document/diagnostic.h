/* document/diagnostic.h
 * Something wrong with a file that an author wrote: what, where, and what to do. Loaders collect
 * them, all of one run at once, and print them in one of several forms. */
#pragma once
#include "document/document.h"

/* One row per diagnostic: code, severity, and its title. Ranges: E00xx reading, E01xx keys and
 * types, E02xx schemas, E03xx templates, E04xx routing, E05xx providers, models and prices, E06xx
 * secrets and files, E07xx tests, E08xx projects and paths; warnings W likewise. A number is never
 * given a second meaning. */
#define DIAGNOSTICS(X)                                                                             \
    X(E0001, "the file is not valid YAML")                                                         \
    X(E0002, "the file is not valid JSON")                                                         \
    X(E0003, "the file is too large or nested too deeply")                                         \
    X(E0004, "a key is written twice")                                                             \
    X(E0005, "a feature of YAML that is not accepted here")                                        \
    X(E0006, "the file is not UTF-8")                                                              \
    X(E0101, "a required key is missing")                                                          \
    X(E0102, "unknown key")                                                                        \
    X(E0103, "wrong type")                                                                         \
    X(E0104, "value out of range")                                                                 \
    X(E0105, "value is not one of those allowed")                                                  \
    X(E0106, "malformed value")                                                                    \
    X(E0107, "slug is malformed or reserved")                                                      \
    X(E0108, "slug is used twice")                                                                 \
    X(E0109, "keys that exclude each other")                                                       \
    X(E0111, "the name of a tool is used twice")                                                   \
    X(E0112, "an endpoint that is to take the place of another does not exist")                    \
    X(E0201, "the schema is not a valid JSON Schema")                                              \
    X(E0202, "a reference leads nowhere")                                                          \
    X(E0203, "a reference loop can never end")                                                     \
    X(E0204, "malformed regular expression")                                                       \
    X(E0205, "a JSON Schema feature this version does not have yet")                               \
    X(E0206, "the schema file cannot be used")                                                     \
    X(E0207, "the document does not satisfy the schema")                                           \
    X(E0301, "malformed template tag")                                                             \
    X(E0302, "the template names a variable the input schema does not know")                       \
    X(E0303, "a template feature that is not accepted")                                            \
    X(E0304, "the template names a partial that there is not")                                     \
    X(E0305, "a partial includes itself without end")                                              \
    X(E0401, "unknown routing condition")                                                          \
    X(E0402, "malformed comparison")                                                               \
    X(E0403, "the rule's target is malformed")                                                     \
    X(E0404, "a condition that does not fit the endpoint")                                         \
    X(E0405, "a header that rules may not look at")                                                \
    X(E0406, "an endpoint that cannot answer in place of another")                                 \
    X(E0501, "unknown provider")                                                                   \
    X(E0502, "malformed provider")                                                                 \
    X(E0503, "unknown provider template")                                                          \
    X(E0504, "a budget that cannot be exact")                                                      \
    X(E0505, "the model does something else")                                                      \
    X(E0601, "a secret cannot be resolved")                                                        \
    X(E0602, "a file cannot be read")                                                              \
    X(E0603, "a path leaves the configuration folder")                                             \
    X(E0604, "a certificate or key cannot be used")                                                \
    X(E0701, "malformed test")                                                                     \
    X(E0702, "the test's input does not satisfy the input schema")                                 \
    X(E0801, "malformed project")                                                                  \
    X(E0802, "unknown project")                                                                    \
    X(W0101, "an unquoted yes, no, on or off is a string here")                                    \
    X(W0102, "an unquoted value that looks like another type is a string here")                    \
    X(W0201, "unknown JSON Schema keyword")                                                        \
    X(W0202, "unknown format")                                                                     \
    X(W0203, "the provider's structured output cannot say this")                                   \
    X(W0204, "a regular expression that only the grammar for old web pages allows")                \
    X(W0205, "a check may be given up undecided")                                                  \
    X(W0301, "no endpoint uses the partial")                                                       \
    X(W0401, "a rule can never be reached")                                                        \
    X(W0402, "a target is watched that nobody calls")                                              \
    X(W0403, "a rule's calls have nothing to be compared with")                                    \
    X(W0501, "the model has no known price")                                                       \
    X(W0502, "a parameter that the model's API does not have")                                     \
    X(W0602, "a secret is not resolved")                                                           \
    X(W0603, "the file is not in force: its endpoint is rolled back")                              \
    X(W0701, "tests of no endpoint")                                                               \
    X(W0801, "a mount point takes paths of a project")

enum diagnostic_code {
#define X(code, title) DIAGNOSTIC_##code,
    DIAGNOSTICS(X)
#undef X
        DIAGNOSTIC_COUNT
};

struct diagnostic {
    enum diagnostic_code code;
    struct text message; /* one sentence, lower case, no full stop */
    struct text hint;    /* what to do; may be empty */
    struct text pointer; /* JSON Pointer of the place */
    struct text file;
    struct text source; /* the file's bytes, for the code frame; empty where there is none */
    struct range range; /* line 0: about the whole file */
};

enum { DIAGNOSTICS_MAX = 50 };
struct diagnostics {
    struct arena *arena; /* kept; everything below lives there */
    struct diagnostic items[DIAGNOSTICS_MAX];
    size_t count;         /* of items */
    size_t error_count;   /* also those beyond the cap */
    size_t warning_count; /* likewise */
};

bool diagnostic_is_error(enum diagnostic_code code);
const char *diagnostic_name(enum diagnostic_code code); /* "E0102" */
const char *diagnostic_title(enum diagnostic_code code);

/* Adds one about a cell. Returns it so that a hint or a narrower range may be set (never NULL;
 * beyond the cap it is a scratch one). The message is formatted into the arena. */
struct diagnostic *diagnose(struct diagnostics *diagnostics, const struct document *document,
                            uint32_t cell, enum diagnostic_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* As diagnose, about `len` bytes from `offset` inside a string cell's value. */
struct diagnostic *diagnose_inside(struct diagnostics *diagnostics, const struct document *document,
                                   uint32_t cell, size_t offset, size_t len,
                                   enum diagnostic_code code, const char *format, ...)
    __attribute__((format(printf, 7, 8)));
/* As diagnose, about a whole file or a place in a text that is no document (position may be zero).
 */
struct diagnostic *diagnose_file(struct diagnostics *diagnostics, struct text file,
                                 struct text source, struct range range, enum diagnostic_code code,
                                 const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Sets the hint. */
void diagnostic_hint(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
                     const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The one of `names` nearest to `wrong` (at most max(1, len/3) edits), or an empty text. */
struct text nearest_name(struct text wrong, const struct text *names, size_t count);
/* Sorts by file, line, column; stable. */
void diagnostics_sort(struct diagnostics *diagnostics);

/* The files of metaschemas/ are linked in by metaschema_files.S and read into one arena, all at
 * once, the first time one is asked for. */
#include "schema/metaschema.h"

#include "base/check.h"
#include "document/json_read.h"
#include "schema/uri.h"

#include <pthread.h>

/* clang-format off */
#define METASCHEMAS(X) \
    X(draft_04,                  "http://json-schema.org/draft-04/schema") \
    X(draft_06,                  "http://json-schema.org/draft-06/schema") \
    X(draft_07,                  "http://json-schema.org/draft-07/schema") \
    X(2019_09,                   "https://json-schema.org/draft/2019-09/schema") \
    X(2019_09_core,              "https://json-schema.org/draft/2019-09/meta/core") \
    X(2019_09_applicator,        "https://json-schema.org/draft/2019-09/meta/applicator") \
    X(2019_09_validation,        "https://json-schema.org/draft/2019-09/meta/validation") \
    X(2019_09_meta_data,         "https://json-schema.org/draft/2019-09/meta/meta-data") \
    X(2019_09_format,            "https://json-schema.org/draft/2019-09/meta/format") \
    X(2019_09_content,           "https://json-schema.org/draft/2019-09/meta/content") \
    X(2020_12,                   "https://json-schema.org/draft/2020-12/schema") \
    X(2020_12_core,              "https://json-schema.org/draft/2020-12/meta/core") \
    X(2020_12_applicator,        "https://json-schema.org/draft/2020-12/meta/applicator") \
    X(2020_12_unevaluated,       "https://json-schema.org/draft/2020-12/meta/unevaluated") \
    X(2020_12_validation,        "https://json-schema.org/draft/2020-12/meta/validation") \
    X(2020_12_meta_data,         "https://json-schema.org/draft/2020-12/meta/meta-data") \
    X(2020_12_format_annotation, "https://json-schema.org/draft/2020-12/meta/format-annotation") \
    X(2020_12_format_assertion,  "https://json-schema.org/draft/2020-12/meta/format-assertion") \
    X(2020_12_content,           "https://json-schema.org/draft/2020-12/meta/content")
/* clang-format on */

#define X(name, uri) extern const char metaschema_##name[], metaschema_##name##_end[];
METASCHEMAS(X)
#undef X

static const struct {
    struct text uri;
    const char *from, *to;
} files[] = {
#define X(name, uri) {TEXT_INIT(uri), metaschema_##name, metaschema_##name##_end},
    METASCHEMAS(X)
#undef X
};
enum { FILES = sizeof files / sizeof *files };

static struct arena arena;
static struct document documents[FILES];
static pthread_mutex_t compiling = PTHREAD_MUTEX_INITIALIZER;
static const struct schema *compiled[DRAFT_COUNT];
static pthread_once_t read_once = PTHREAD_ONCE_INIT;

static void read_all(void)
{
    struct error err;

    for (size_t i = 0; i < FILES; i++) {
        CHECK(json_read(text_between(files[i].from, files[i].to), NULL, &arena, &documents[i], NULL,
                        &err));
        documents[i].file = files[i].uri;
    }
}

const struct document *metaschema_find(struct text uri)
{
    for (size_t i = 0; i < FILES; i++) {
        if (!text_equal(files[i].uri, uri))
            continue;
        CHECK(pthread_once(&read_once, read_all) == 0);
        return &documents[i];
    }
    return NULL;
}

const struct schema *metaschema_compiled(enum draft draft)
{
    static const struct schema_options options = {.formats = FORMATS_ANNOTATE};
    struct text uri = dialect_of(draft)->metaschema;
    struct diagnostics diagnostics = {.arena = &arena};

    CHECK(metaschema_find(uri) != NULL);
    CHECK(pthread_mutex_lock(&compiling) == 0);
    if (compiled[draft] == NULL)
        compiled[draft] =
            schema_compile_with(metaschema_find(uri), 0, &options, &arena, &diagnostics);
    CHECK(pthread_mutex_unlock(&compiling) == 0);
    CHECK(compiled[draft] != NULL);
    return compiled[draft];
}

struct text metaschema_nearest(struct text wrong)
{
    struct text uris[DRAFT_COUNT];

    for (unsigned i = 0; i < DRAFT_COUNT; i++)
        uris[i] = dialect_of((enum draft)i)->metaschema;
    return uri_nearest(wrong, uris, DRAFT_COUNT);
}

#include "catalog/docs_files.h"

/* In assets.S. */
#define FILES(X)                                                                                   \
    X(index, "/docs/", "text/html; charset=utf-8")                                                 \
    X(css, "/docs/page.css", "text/css; charset=utf-8")                                            \
    X(page, "/docs/page.js", "text/javascript; charset=utf-8")                                     \
    X(view, "/docs/view.js", "text/javascript; charset=utf-8")                                     \
    X(snippets, "/docs/snippets.js", "text/javascript; charset=utf-8")                             \
    X(schema, "/docs/schema.js", "text/javascript; charset=utf-8")

#define X(name, path, type) extern const char catalog_docs_##name[], catalog_docs_##name##_end[];
FILES(X)
#undef X

bool docs_file_at(unsigned i, struct docs_file *out)
{
    static const struct {
        struct text path, type;
        const char *at, *end;
    } files[] = {
#define X(name, path, type)                                                                        \
    {TEXT_INIT(path), TEXT_INIT(type), catalog_docs_##name, catalog_docs_##name##_end},
        FILES(X)
#undef X
    };

    if (i >= sizeof files / sizeof *files)
        return false;
    *out =
        (struct docs_file){files[i].path, files[i].type, text_between(files[i].at, files[i].end)};
    return true;
}

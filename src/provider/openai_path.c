/* Where a Chat Completions host is asked. Azure's dated API has the deployment in the path. */
#include "provider/kind.h"
#include "provider/openai.h"
#include "provider/wire.h"

/* "/openai/v1" is the present API, "/openai" with an api-version the dated one; a path that goes to
 * a deployment already is left as it is. */
static void put_azure(struct buffer *path, const struct provider *provider, struct text model)
{
    struct text root = provider->path.len > 0 ? provider->path : TEXT("/openai");

    if (model.len == 0)
        root = text_first(root, text_find(root, TEXT("/deployments/")));
    buffer_put(path, root);
    if (text_ends(root, TEXT("/v1")) || text_find(root, TEXT("/deployments/")) < root.len)
        return;
    if (text_find(provider->query, TEXT("api-version=")) == provider->query.len) {
        buffer_put(path, TEXT("/v1"));
        return;
    }
    if (model.len == 0)
        return;
    buffer_put(path, TEXT("/deployments/"));
    wire_put_segment(path, model);
}

struct text openai_path(const struct provider *provider, struct text model, const char *what,
                        struct arena *arena)
{
    struct buffer path = buffer_in(arena);

    if (kind_at(provider)->habits.deployments)
        put_azure(&path, provider, model);
    else
        buffer_put(&path, provider->path);
    buffer_put(&path, text_of(what));
    if (provider->query.len > 0) {
        buffer_put_byte(&path, '?');
        buffer_put(&path, provider->query);
    }
    return buffer_text(&path);
}

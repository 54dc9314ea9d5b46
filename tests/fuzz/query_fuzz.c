/* What stands behind the '?' of a call, on any bytes: refused with a reason, or read into values
 * that keep within their bounds. */
#include "base/check.h"
#include "gateway/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request = {.http = {.query = {(const char *)data, size}}};
    struct text name = {0};
    uint64_t limit = 20;
    const struct query_param params[] = {
        {.name = "name", .text = &name},
        {.name = "limit", .number = &limit, .least = 1, .greatest = 100}};
    bool good = query_read(&request, params, 2);

    CHECK(good == (request.error.code == ERROR_NONE));
    CHECK(name.len <= size && (!good || (limit >= 1 && limit <= 100)));
    arena_release(&request.arena);
    return 0;
}

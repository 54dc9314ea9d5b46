/* The table is written by build.mjs when the program is built, in assembler beside the files. */
#include "dashboard/files.h"

extern const struct dashboard_file dashboard_table[];
extern const size_t dashboard_table_count;

const struct dashboard_file *dashboard_file_at(size_t i)
{
    return i < dashboard_table_count ? &dashboard_table[i] : NULL;
}

const struct dashboard_file *dashboard_file_find(struct text path)
{
    for (size_t i = 0; i < dashboard_table_count; i++)
        if (text_equal(dashboard_table[i].path, path))
            return &dashboard_table[i];
    return NULL;
}

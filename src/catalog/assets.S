/* The files beside this one, byte for byte, inside the program. */
#ifdef __CET__
#include <cet.h> /* marks this object as fit for control-flow protection, as the compiler's are */
#endif

    .macro asset symbol, file
    .global catalog_\symbol
    .global catalog_\symbol\()_end
    .type catalog_\symbol, %object
catalog_\symbol:
    .incbin "catalog/\file"
catalog_\symbol\()_end:
    .byte 0
    .size catalog_\symbol, . - catalog_\symbol
    .endm

    .section .rodata
    asset components, components.json
    asset client_ts, clients/client.ts
    asset client_python, clients/client.py
    asset client_curl, clients/client.sh
    asset docs_index, docs/index.html
    asset docs_css, docs/page.css
    asset docs_page, docs/page.js
    asset docs_view, docs/view.js
    asset docs_snippets, docs/snippets.js
    asset docs_schema, docs/schema.js

    .section .note.GNU-stack, "", %progbits

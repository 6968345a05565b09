#pragma once
#include <zlib.h>

// `gzopen` and its kin read plain files as they are and gzipped ones unpacked; these give them names without macros.

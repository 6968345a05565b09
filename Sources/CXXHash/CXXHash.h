#pragma once
// Inlined, so that hashing a short name costs a few nanoseconds and not a call through the linker's table; the wrappers
// give Swift names that xxhash.h, which renames its functions by macro, does not.
#define XXH_INLINE_ALL
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

typedef struct {
    uint64_t low;
    uint64_t high;
} CXXHash128;

static inline uint64_t cxxhash_xxh3_64(const void *bytes, size_t count, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, count, seed);
}

static inline CXXHash128 cxxhash_xxh3_128(const void *bytes, size_t count) {
    XXH128_hash_t hash = XXH3_128bits(bytes, count);
    return (CXXHash128){hash.low64, hash.high64};
}

// A running digest over many pieces. `cxxhash_state_create` may return NULL when memory is exhausted.
typedef XXH3_state_t *CXXHashState;
static inline CXXHashState cxxhash_state_create(void) {
    CXXHashState state = XXH3_createState();
    if (state) XXH3_128bits_reset(state);
    return state;
}
static inline void cxxhash_state_update(CXXHashState state, const void *bytes, size_t count) {
    XXH3_128bits_update(state, bytes, count);
}
static inline CXXHash128 cxxhash_state_digest(CXXHashState state) {
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    return (CXXHash128){hash.low64, hash.high64};
}
static inline void cxxhash_state_free(CXXHashState state) { XXH3_freeState(state); }

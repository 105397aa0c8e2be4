// Rows of a matrix to and from positions: y[i] = x[p(i)], and x[p(i)] = y[i]; without positions a copy between
// matrices of different strides. One block of threads a row.

#include "numeric.cuh"

template <int N> DEVICE void copyRow(const Stored* from, Stored* to, int width) {
    for (int i = threadIdx.x * N; i < width; i += blockDim.x * N) {
        *reinterpret_cast<Raw<Stored, N>*>(to + i) = read<Stored, N>(from + i);
    }
}

#define INSTANCE(N, access)                                                                                            \
    KERNEL __launch_bounds__(256) gather_rows_##access(                                                                \
        Rows<const Stored> x, const i64* positions, Rows<Stored> y, int width) {                                       \
        copyRow<N>(x[positions ? positions[blockIdx.x] : blockIdx.x], y[blockIdx.x], width);                           \
    }                                                                                                                  \
    KERNEL __launch_bounds__(256) scatter_rows_##access(                                                               \
        Rows<const Stored> y, const i64* positions, Rows<Stored> x, int width) {                                       \
        copyRow<N>(y[blockIdx.x], x[positions[blockIdx.x]], width);                                                    \
    }

FOR_BOTH_ACCESSES(INSTANCE)

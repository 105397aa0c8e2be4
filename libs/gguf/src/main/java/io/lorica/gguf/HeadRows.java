package io.lorica.gguf;

/// The order of the rows of queries and keys. Rotary embedding turns pairs of elements of a head: Hugging
/// Face's layout has the first elements of all pairs before all second ones, llama.cpp's has each pair
/// together.
///
/// @param headSize how many rows a head has
public record HeadRows(int headSize) {

    /// Where llama.cpp has the row that is at this place in Hugging Face's layout.
    public long stored(long row) {
        long head = row / headSize;
        long inHead = row % headSize;
        long half = headSize / 2;
        return head * headSize + inHead % half * 2 + inHead / half;
    }
}

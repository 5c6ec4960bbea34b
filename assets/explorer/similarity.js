// How alike the words of the sentence are, and where they looked.

more.similarity = { open() {} };

-- A packed body of up to 8 KB stays in its row. Put beside it in pieces of two kilobytes it took three more rows and as many
-- entries of an index, a tenth of the time that receiving takes.
ALTER TABLE arrivals SET (toast_tuple_target = 8160);

drop table likes;
drop table notes;

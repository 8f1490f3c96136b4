drop table pages;

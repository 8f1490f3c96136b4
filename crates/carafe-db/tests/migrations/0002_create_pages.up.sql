create table pages (text text not null);

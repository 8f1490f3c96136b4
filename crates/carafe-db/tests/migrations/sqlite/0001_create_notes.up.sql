create table notes (id integer primary key, text text not null unique, likes integer not null default 0);

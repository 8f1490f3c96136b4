//! What every file of handlers needs: `use carafe::prelude::*;`.

pub use crate::{
    App, Blueprint, Error, Form, FromRequest, Html, IntoResponse, Json, OrAbort, Query, Redirect,
    Request, Response, Result, Session, State, Status, abort, command, commands, context, delete,
    error, errors, flash, get, main, patch, post, put, redirect, render, route, routes, url_for,
};
